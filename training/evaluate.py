"""Measure an exported model on the validation folds. Run with --help for the arguments."""

import argparse
import json
from pathlib import Path

import torch

from tumorseg.config import DEFAULT_CONFIG, load_config
from tumorseg.measure import measure, table
from tumorseg.onnx_weights import load_network
from tumorseg.report import draw_patients, draw_reliability, draw_worst


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default=DEFAULT_CONFIG)
    parser.add_argument("--weights", required=True, help="exported ONNX file; its initializers are what runs")
    parser.add_argument("--crop", choices=("prototypes", "source"), default="prototypes",
                        help="whether masks are cut to their box before or after upsampling")
    parser.add_argument("--out", default=Path(__file__).parent / "report", type=Path,
                        help="folder for figures.json, figures.md and the plots")
    arguments = parser.parse_args()
    config = load_config(arguments.config)
    torch.set_num_threads(config["train"]["threads"])
    model, _ = load_network(arguments.weights)
    figures = measure(model, config, arguments.crop, progress=print)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "figures.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    (arguments.out / "figures.md").write_text(table(figures) + "\n", encoding="utf-8")
    draw_reliability(figures, arguments.out / "reliability.png")
    draw_patients(figures, arguments.out / "patients.png")
    with torch.no_grad():
        draw_worst(model, config, figures, arguments.crop, arguments.out / "worst.png")
    print(table(figures))


if __name__ == "__main__":
    main()
