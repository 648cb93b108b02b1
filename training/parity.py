"""Write reference cases for checking another implementation of the inference path against this one:
the source image, the network's input and outputs, the findings and their masks. Run with --help.

Every case is a folder: source.png, mask_<k>.png (0/255, at the source's size) for the k-th finding, case.json, and
with --tensors also input.f32, output0.f32 and output1.f32 (little-endian float32, shapes in case.json).

The cases of the service's own tests are made anew with every new model:
    python3 parity.py --weights ../models/Yolov11_best.onnx --image ../docs/samples/patient_scan.png --out ../tests/Core.Tests/Segmentation/Parity
More cases, of the validation slices, are checked by the same test with TUMOR_PARITY_FOLDER naming their folder."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from tumorseg.config import DEFAULT_CONFIG, load_config
from tumorseg.data import read_grey, tumour_slices
from tumorseg.measure import forward
from tumorseg.onnx_weights import load_network
from tumorseg.postprocess import detect, mask_logits

RECIPE = ("Grey in all three channels, divided by 255. Findings: score > confidence, greedy suppression above the IoU "
          "limit. Mask: coefficients x prototypes; zero outside the box / 4 on the prototype grid (x0 <= column < x1); "
          "bilinear (half-pixel centres) to the input size; borders cut; bilinear to the source; logit > 0.")


@torch.no_grad()
def write_case(folder, image, model, settings, tensors):
    """Run one uint8 grey image [h, w] and write everything about it."""
    folder.mkdir(parents=True, exist_ok=True)
    letterbox, tensor, output0, output1 = forward(model, image, settings["input_size"])
    found = detect(output0[0], len(model.classes), settings["confidence"], settings["nms_iou"],
                   settings["max_detections"])
    masks = (mask_logits(found, output1[0], letterbox) > 0).numpy()
    Image.fromarray(image).save(folder / "source.png")
    shapes = {}
    for name, value in (("input", tensor), ("output0", output0), ("output1", output1)):
        array = value.contiguous().numpy().astype("<f4")
        if tensors:
            array.tofile(folder / f"{name}.f32")
        shapes[name] = list(array.shape)
    for k, mask in enumerate(masks):
        Image.fromarray(mask.astype(np.uint8) * 255).save(folder / f"mask_{k}.png")
    case = {"recipe": RECIPE, "shapes": shapes, "confidence": settings["confidence"], "nms_iou": settings["nms_iou"],
            "letterbox": vars(letterbox), "scores": found.scores.tolist(), "classes": found.classes.tolist(),
            "boxes_input": found.boxes.tolist(), "boxes_source": letterbox.boxes_to_source(found.boxes).tolist(),
            "mask_pixels": [int(mask.sum()) for mask in masks]}
    (folder / "case.json").write_text(json.dumps(case, indent=1) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default=DEFAULT_CONFIG)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--image", type=Path, help="one image instead of validation slices")
    parser.add_argument("--cases", type=int, default=20, help="number of validation slices")
    parser.add_argument("--tensors", action="store_true", help="write the network's input and outputs as well")
    arguments = parser.parse_args()
    config = load_config(arguments.config)
    model, _ = load_network(arguments.weights)
    if arguments.image:
        chosen = {"square": arguments.image}
    else:
        items = tumour_slices(config["data"], config["data"]["val_folds"])
        chosen = {item.id: item.image for item in items[::max(1, len(items) // arguments.cases)][:arguments.cases]}
    for name, path in chosen.items():
        write_case(arguments.out / name, read_grey(path), model, config["inference"], arguments.tensors)
    height, width = (image := read_grey(next(iter(chosen.values())))).shape
    for name, part in (("wide", image[height // 8 + 1:-height // 6]), ("tall", image[:, width // 12:-width // 8])):
        write_case(arguments.out / name, part, model, config["inference"], arguments.tensors)


if __name__ == "__main__":
    main()
