"""Export a checkpoint's averaged weights, measure the exported file and write its card.
Run with --help for the arguments."""

import argparse
import hashlib
import json
from datetime import datetime, timezone
from pathlib import Path

import torch

from tumorseg.config import DEFAULT_CONFIG, load_config
from tumorseg.data import negative_slices, tumour_slices
from tumorseg.measure import measure, table
from tumorseg.model import TumorSegNet, count_parameters
from tumorseg.onnx_export import DATA_SOURCES, LICENCE, export_onnx
from tumorseg.onnx_weights import load_network

NAME = "Yolov11_best"
ARCHITECTURE = ("single-stage instance segmentation with the outputs of YOLO11n-seg, own implementation: residual "
                "backbone, top-down decoder to 32 prototype masks at stride 4 of which the first is the tumour map, "
                "bottom-up encoder, shared heads with distribution focal boxes at strides 8/16/32")
LIMITATIONS = (
    "Not a medical device and not for clinical use. Trained on contrast-enhanced T1 slices of one collection "
    "(meningioma, glioma, pituitary adenoma; exactly one tumour per slice) and on few healthy slices of three "
    "patients, all with glioblastoma and partly after surgery: other sequences, other scanners, children, several "
    "tumours at once and post-operative cavities were not learned. The healthy slices come from another source than "
    "the tumour slices, and the false-positive figure rests on one patient. Glioma outlines in the training data are "
    "drawn generously, so glioma masks are too. Slice by slice only: there is no consistency between neighbours. "
    "The outlines come from one team; there is no second reader to compare with.")


def describe_split(settings):
    """One sentence on who was trained on and who was not, counted from the data."""
    def count(items):
        patients = len({item.patient for item in items})
        return f"{len(items)} slices, {patients} patient{'s' * (patients != 1)}"

    return (f"By patient. Trained on folds {folds(settings['train_folds'])} of the tumour slices "
            f"({count(tumour_slices(settings, settings['train_folds']))}) and on healthy slices "
            f"({count(negative_slices(settings, held_out=False))}). Measured on fold {folds(settings['val_folds'])} "
            f"({count(tumour_slices(settings, settings['val_folds']))}) and on the healthy slices of "
            f"{', '.join(settings['negative_holdout_patients'])} "
            f"({count(negative_slices(settings, held_out=True))}), none of them trained on.")


def folds(numbers):
    """Fold numbers as text."""
    return ", ".join(str(number) for number in numbers)


def make_card(model, config, figures, version, created_at, onnx_path):
    """The card as a dict; every figure is taken from `figures`, which `measure` returned."""
    rounded = {key: round(figures[key], 4) for key in (
        "dice_slice_mean", "dice_patient_mean", "iou_mean", "box_map50", "box_map50_95", "mask_map50",
        "mask_map50_95", "sensitivity", "false_positives_per_negative_slice", "accuracy")}
    size = config["inference"]["input_size"]
    by_type = ", ".join(f"{kind} {value:.2f}" for kind, value in figures["sensitivity_by_type"].items())
    missed = (f" In {figures['missed_slices']} of the {figures['slices']} validation slices it finds nothing although "
              f"there is a tumour; sensitivity by type: {by_type}.")
    return {
        "name": NAME,
        "version": version,
        "architecture": ARCHITECTURE,
        "framework": f"PyTorch {torch.__version__}",
        "task": "segment",
        "classes": model.classes,
        "input_size": [size, size],
        "default_confidence": config["inference"]["confidence"],
        "nms_iou": config["inference"]["nms_iou"],
        "parameters": count_parameters(model),
        "licence": LICENCE,
        "training_data": DATA_SOURCES,
        "split": describe_split(config["data"]),
        "metrics": {"dataset": f"brain tumor dataset (Figshare), fold {folds(config['data']['val_folds'])}",
                    "patients": figures["patients"], "slices": figures["slices"], **rounded,
                    "negative_slices": figures["negative_slices"]},
        "created_at": created_at,
        "sha256": hashlib.sha256(onnx_path.read_bytes()).hexdigest(),
        "limitations": LIMITATIONS + missed,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default=DEFAULT_CONFIG)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--version", required=True, help="version of the weights, such as 1.0.0")
    parser.add_argument("--models-dir", default=Path(__file__).resolve().parent.parent / "models", type=Path)
    parser.add_argument("--figures", type=Path, help="JSON file for all measured figures, of which the card holds some")
    arguments = parser.parse_args()
    config = load_config(arguments.config)
    torch.set_num_threads(config["train"]["threads"])
    state = torch.load(arguments.checkpoint, map_location="cpu")
    settings = state["config"]["model"]
    network = TumorSegNet(settings)
    network.load_state_dict(state["average"])
    created_at = datetime.now(timezone.utc).replace(microsecond=0).isoformat()
    arguments.models_dir.mkdir(parents=True, exist_ok=True)
    onnx_path = arguments.models_dir / f"{NAME}.onnx"
    export_onnx(network, config["inference"]["input_size"], onnx_path, settings, created_at)

    model, _ = load_network(onnx_path)
    figures = measure(model, config, progress=print)
    card = make_card(model, config, figures, arguments.version, created_at, onnx_path)
    text = json.dumps(card, indent=2, ensure_ascii=False)
    onnx_path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    if arguments.figures:
        arguments.figures.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(table(figures))


if __name__ == "__main__":
    main()
