"""A server that we did not write, with a tiny random model made here: the pipeline holds.

`transformers serve` speaks the protocol; a Llama of two layers and random weights over an alphabet
of bytes talks nonsense. Skipped where transformers, torch, fastapi or uvicorn are not installed
(the extra `serve`); nothing of them is needed to run the program.
"""

import importlib.util
import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.conftest import REPOSITORY, Run, cache, environment, run  # noqa: F401 - fixtures

NEEDED = ("fastapi", "tokenizers", "torch", "transformers", "uvicorn")
ABSENT = [name for name in NEEDED if importlib.util.find_spec(name) is None]
EXAMPLE = REPOSITORY / "resources" / "examples" / "op-diabetes-foot"

pytestmark = pytest.mark.skipif(
    bool(ABSENT), reason=f"not installed: {', '.join(ABSENT)} (pip install chartproof[serve])"
)

MAKE = """
import sys, torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

letters = ["<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
known = {letter: number for number, letter in enumerate(letters)}
plain = Tokenizer(models.BPE(vocab=known, merges=[]))
plain.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
plain.decoder = decoders.ByteLevel()
made = PreTrainedTokenizerFast(
    tokenizer_object=plain, bos_token="<s>", eos_token="</s>", pad_token="</s>"
)
made.chat_template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }} {% endfor %}:"
made.save_pretrained(sys.argv[1])
torch.manual_seed(7)
shape = LlamaConfig(
    vocab_size=len(letters), hidden_size=32, intermediate_size=64, num_hidden_layers=2,
    num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=8192,
    bos_token_id=0, eos_token_id=1, pad_token_id=1,
)
LlamaForCausalLM(shape).save_pretrained(sys.argv[1])
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("random-model")
    subprocess.run(
        [sys.executable, "-c", MAKE, str(folder)], check=True, capture_output=True, timeout=600
    )
    return folder


@pytest.fixture(scope="module")
def url(model: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(model)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    server = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={"HF_HUB_OFFLINE": "1", "PATH": "", "HOME": str(model)},
    )
    try:
        assert server.stderr is not None
        for line in server.stderr:
            if b"running on" in line:
                break
        else:
            pytest.fail("the server ended before it ran")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.kill()
        server.communicate()


def test_the_server_answers_in_its_own_words(url: str, model: Path) -> None:
    body = {"model": str(model), "max_tokens": 8, "messages": [{"role": "user", "content": "x"}]}
    request = urllib.request.Request(
        f"{url}/chat/completions",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as reply:
        assert json.load(reply)["choices"]


def test_nonsense_costs_a_look_and_no_code(run: Run, url: str, model: Path) -> None:  # noqa: F811
    notes = sorted(EXAMPLE.glob("*.txt"))
    off = run("code", *notes, "--store", "off", "--json")
    settings = {
        "CHARTPROOF_CHAT": "on",
        "CHARTPROOF_CHAT_URL": url,
        "CHARTPROOF_CHAT_MODEL": str(model),
        "CHARTPROOF_CHAT_FORM": "plain",
        "CHARTPROOF_CHAT_SECONDS": "120",
        "CHARTPROOF_CHAT_CALLS": "2",
    }
    done = run("code", *notes, "--store", "on", "--json", **settings)
    assert done.code == 0, done.err
    with_codes = [{s["code"] for s in each["suggestions"]} for each in done.objects]
    assert with_codes == [{s["code"] for s in each["suggestions"]} for each in off.objects]
    reasons = [reason for each in done.objects for reason in each["lane_reasons"]]
    said = [reason for reason in reasons if reason.startswith(("model-failed", "model-dropped"))]
    assert said
    used = run("chat", "usage", "--store", "on", "--json")
    assert json.loads(used.out)["all"]["calls"] > 0
