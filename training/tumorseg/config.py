"""Reading of the configuration file."""

import tomllib
from pathlib import Path

DEFAULT_CONFIG = Path(__file__).resolve().parent.parent / "config.toml"


def load_config(path=DEFAULT_CONFIG):
    """Read the TOML file; the data folders come back as absolute paths."""
    path = Path(path).resolve()
    with open(path, "rb") as file:
        config = tomllib.load(file)
    for key in ("tumour_dir", "negative_dir"):
        config["data"][key] = str((path.parent / config["data"][key]).resolve())
    return config
