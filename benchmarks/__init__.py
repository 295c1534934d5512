"""Speed and quality, each against a named peer or limit; scripts, run one at a time."""
