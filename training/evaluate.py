"""Measure an exported model on the validation folds. Run with --help for the arguments."""

import argparse
import json
from pathlib import Path

import torch

from tumorseg.config import DEFAULT_CONFIG, load_config
from tumorseg.measure import measure, table
from tumorseg.onnx_weights import load_network


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default=DEFAULT_CONFIG)
    parser.add_argument("--weights", required=True, help="exported ONNX file; its initializers are what runs")
    parser.add_argument("--crop", choices=("prototypes", "source"), default="prototypes",
                        help="whether masks are cut to their box before or after upsampling")
    parser.add_argument("--out", required=True, help="JSON file to write; the table goes beside it as .md")
    arguments = parser.parse_args()
    config = load_config(arguments.config)
    torch.set_num_threads(config["train"]["threads"])
    model, _ = load_network(arguments.weights)
    figures = measure(model, config, arguments.crop, progress=print)
    out = Path(arguments.out)
    out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    out.with_suffix(".md").write_text(table(figures) + "\n", encoding="utf-8")
    print(table(figures))


if __name__ == "__main__":
    main()
