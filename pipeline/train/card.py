"""The model card of the embedding, with the figures that training measured."""

from collections.abc import Mapping

from pipeline.train.scoring import Scores

CARD = "README.md"

_HEAD = "| model | R@1 | R@10 | R@50 | MRR |\n|---|---|---|---|---|"

_ENTRIES = {
    "tabular": "titles and inclusion terms of the tabular list, in the forms of `pipeline.terms`",
    "lexicon": "the same and our lexicon",
    "shipped": "these and the phrases of CodiEsp train: what the dense channel searches",
    "with-index": "the tabular entries and the paths of the Alphabetic Index, for comparison only",
}


_CARD = """\
# Static embedding of clinical phrases

A table with one vector of length 256 per WordPiece token, in half precision. The vector
of a phrase is the mean of its tokens'. It finds the ICD-10-CM terms nearest to the words
of a chart; it suggests nothing by itself. The folder is in the layout of
sentence-transformers' `StaticEmbedding`, and `pipeline/retrieve/embedder.py` reads it
with numpy alone.

Started from random numbers; no weights of another model are in it.

| file | SHA-256 |
|---|---|
<digests>

## How it is made

```
pip install -c constraints.txt '.[train]'
python -m pipeline.train.embedding --data ../shared/data \\
    --out resources/models/embedding
```

The seed is <seed> and one thread is used, so the same machine makes the same file again; sums
of floating point numbers may differ between machines, and with them the last bits of the table.

Learned from <pairs> pairs of a phrase and a code:

- the Alphabetic Index, Neoplasm Table and Table of Drugs of ICD-10-CM FY2025, and titles
  and inclusion terms of FY2026 (CDC/NCHS and CMS; works of the US government);
- `resources/rules/lexicon.csv`, our own abbreviations and lay terms;
- the mentions of CodiEsp English train with their codes (CodiEsp, CLEF eHealth 2020, CC BY 4.0;
  machine-translated case reports).

No line of the index or the tables is kept here. The loss is multiple negatives ranking
within a batch, with names from the same category added. Special tokens have the vector zero, and
so has every token that occurs in no pair: what the model does not know does not move a phrase.

The tokenizer is the WordPiece vocabulary of all-MiniLM-L6-v2 (that of BERT uncased;
Apache-2.0), which is part of this folder; its weights were never used for this table.

## Measured

On <mentions> mentions of CodiEsp English dev (machine-translated case reports,
CC BY 4.0) whose code is in FY2026, repeats included; none of dev is trained on.
Right is the annotated code without its 7th character, ranked among the distinct codes
of the nearest entries by exact search.

<tables>

## Limits

- English. Words of other scripts mostly have no vector.
- The order of words, negation and context do not count: "no fever" is near "fever".
- A word that neither the classification nor our lexicon has is known by its pieces only.
- Cosines are no probabilities and are not comparable between phrases.
- CodiEsp's annotators coded by the 2018 code set and every mention in sight; the figures
  rank models and say little about how a US visit note is coded.
"""


def card(
    scores: Mapping[str, Mapping[str, Scores]],
    *,
    seed: int,
    pairs: int,
    mentions: int,
    sizes: Mapping[str, int],
    files: Mapping[str, str],
) -> str:
    """Return the card as Markdown: where the model comes from, what it scored, what it is not."""
    tables = "\n\n".join(
        f"{sizes[name]:,} entries: {what}.\n\n{_HEAD}\n"
        + "\n".join(measured[name].row(model) for model, measured in scores.items())
        for name, what in _ENTRIES.items()
    )
    digests = "\n".join(f"| `{name}` | `{digest}` |" for name, digest in sorted(files.items()))
    return (
        _CARD.replace("<digests>", digests)
        .replace("<seed>", str(seed))
        .replace("<pairs>", f"{pairs:,}")
        .replace("<mentions>", f"{mentions:,}")
        .replace("<tables>", tables)
    )
