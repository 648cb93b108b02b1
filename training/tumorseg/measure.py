"""Measures a network on slices at their original resolution."""

from dataclasses import dataclass

import numpy as np
import torch

from . import metrics
from .boxes import box_iou
from .data import negative_slices, other_source_slices, read_grey, read_mask, tumour_slices
from .letterbox import Letterbox, to_input
from .postprocess import detect, mask_logits

CONFIDENCES = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40, 0.45, 0.50, 0.60)
LOWEST_CONFIDENCE = 0.001  # average precision needs the weak findings too
DETECTION_LIMIT = 100      # COCO's limit for average precision
CALIBRATED_FROM = 0.05     # weaker findings are the long tail that nobody is shown
SIZES = ((32 ** 2, "small"), (96 ** 2, "medium"), (float("inf"), "large"))  # mask pixels, COCO's limits


@dataclass
class SliceResult:
    """One slice: finding scores [K], overlaps [K, M] with its M (0 or 1) tumours, whether a finding touches
    the tumour [K], Dice of the union of findings at each of CONFIDENCES, and the tumour's pixels."""

    scores: np.ndarray
    box_iou: np.ndarray
    mask_iou: np.ndarray
    touches: np.ndarray
    dice: dict
    area: int = 0


def box_of(mask):
    """float32 tensor [1, 4] around a bool mask [h, w]: x0, y0, x1, y1, the far edges exclusive."""
    ys, xs = np.nonzero(mask)
    return torch.tensor([[xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]], dtype=torch.float32)


@torch.no_grad()
def forward(model, image, input_size):
    """uint8 grey [h, w] -> letterbox, input [1, 3, H, W], output0 [1, 4 + C + 32, N], output1 [1, 32, H/4, W/4]."""
    letterbox = Letterbox.fit(*image.shape, input_size, input_size)
    tensor = to_input(letterbox.apply(image))
    return letterbox, tensor, *model(tensor)


def measure_slice(model, item, settings, crop):
    """Run one slice and compare it with its mask; `settings` is the [inference] table."""
    letterbox, _, output0, output1 = forward(model, read_grey(item.image), settings["input_size"])
    found = detect(output0[0], len(model.classes), LOWEST_CONFIDENCE, settings["nms_iou"], DETECTION_LIMIT)
    scores = found.scores.numpy()
    if item.mask is None:
        none = np.zeros((len(scores), 0))
        return SliceResult(scores, none, none, np.zeros(len(scores), dtype=bool), {})
    masks = (mask_logits(found, output1[0], letterbox, crop) > 0).numpy()
    truth = read_mask(item)
    shared = (masks & truth).sum((1, 2))
    together = masks.sum((1, 2)) + truth.sum() - shared
    boxes = box_iou(letterbox.boxes_to_source(found.boxes), box_of(truth)).numpy()
    by_confidence = {c: metrics.dice(masks[scores > c].any(0), truth) for c in CONFIDENCES}
    return SliceResult(scores, boxes, (shared / together)[:, None], shared > 0, by_confidence, int(truth.sum()))


def size_of(area):
    """Name of the size class of a tumour of that many mask pixels."""
    return next(name for limit, name in SIZES if area < limit)


def calibrate(results):
    """Calibration of all findings' scores; a finding is right where its box overlaps the tumour's by at least half."""
    pairs = [(score, len(iou) > 0 and iou.max() >= 0.5)
             for r in results for score, iou in zip(r.scores, r.box_iou) if score > CALIBRATED_FROM]
    return metrics.calibration([score for score, _ in pairs], [right for _, right in pairs])


def counts_above(results, confidence):
    """Mean number of findings per slice."""
    return float(np.mean([(r.scores > confidence).sum() for r in results]))


def share_called_right(results, negatives, confidence):
    """Share of all slices, with tumour and without, on which there is a finding just where there is a tumour."""
    right = [bool((r.scores > confidence).any()) for r in results] + [not (r.scores > confidence).any() for r in negatives]
    return float(np.mean(right))


def measure(model, config, crop="prototypes", progress=lambda text: None):
    """All figures of the validation folds and of the held-out healthy slices, as a dict that JSON can hold."""
    settings = config["inference"]
    items = tumour_slices(config["data"], config["data"]["val_folds"])
    results = []
    for i, item in enumerate(items):
        results.append(measure_slice(model, item, settings, crop))
        if (i + 1) % 100 == 0:
            progress(f"{i + 1} of {len(items)} slices")
    negatives = [measure_slice(model, item, settings, crop)
                 for item in negative_slices(config["data"], held_out=True)]
    others = [measure_slice(model, item, settings, crop) for item in other_source_slices(config["data"])]
    confidence = settings["confidence"]
    slice_dice = [r.dice[confidence] for r in results]
    by_patient = metrics.mean_by_group(slice_dice, [item.patient for item in items])
    kinds = [item.kind for item in items]
    sizes = [size_of(r.area) for r in results]
    found = [float(d > 0.5) for d in slice_dice]
    box50, box = metrics.mean_average_precision([(r.scores, r.box_iou) for r in results])
    mask50, mask = metrics.mean_average_precision([(r.scores, r.mask_iou) for r in results])
    return {
        "slices": len(items), "patients": len(by_patient), "confidence": confidence, "crop": crop,
        "dice_slice_mean": float(np.mean(slice_dice)),
        "dice_slice_median": float(np.median(slice_dice)),
        "dice_patient_mean": float(np.mean(list(by_patient.values()))),
        "dice_patient_mean_interval_95": metrics.bootstrap_interval(list(by_patient.values())),
        "iou_mean": float(np.mean([d / (2 - d) for d in slice_dice])),
        "box_map50": box50, "box_map50_95": box, "mask_map50": mask50, "mask_map50_95": mask,
        "sensitivity": float(np.mean(found)),
        "sensitivity_by_type": metrics.mean_by_group(found, kinds),
        "dice_by_type": metrics.mean_by_group(slice_dice, kinds),
        "sensitivity_by_size": metrics.mean_by_group(found, sizes),
        "dice_by_size": metrics.mean_by_group(slice_dice, sizes),
        "slices_by_size": {name: sizes.count(name) for _, name in SIZES},
        "missed_slices": sum(not (r.scores > confidence).any() for r in results),
        "accuracy": share_called_right(results, negatives, confidence),
        "stray_findings_per_tumour_slice": float(np.mean(
            [((r.scores > confidence) & ~r.touches).sum() for r in results])),
        "negative_slices": len(negatives),
        "false_positives_per_negative_slice": counts_above(negatives, confidence),
        "other_source_slices": len(others),
        "other_source_found": sum(bool(((r.scores > confidence) & r.touches).any()) for r in others),
        "by_confidence": [{
            "confidence": c,
            "dice_slice_mean": float(np.mean([r.dice[c] for r in results])),
            "sensitivity": float(np.mean([r.dice[c] > 0.5 for r in results])),
            "stray_findings_per_tumour_slice": float(np.mean([((r.scores > c) & ~r.touches).sum() for r in results])),
            "false_positives_per_negative_slice": counts_above(negatives, c),
        } for c in CONFIDENCES],
        "calibration": calibrate(results + negatives),
        "dice_by_patient": by_patient,
        "dice_by_slice": {item.id: d for item, d in zip(items, slice_dice)},
    }


def table(figures):
    """The figures as a Markdown table."""
    rows = [("Slices / patients", f"{figures['slices']} / {figures['patients']}"),
            ("Confidence", f"{figures['confidence']:.2f}")]
    low, high = figures["dice_patient_mean_interval_95"]
    rows += [("Dice, mean over slices", f"{figures['dice_slice_mean']:.3f}"),
             ("Dice, median over slices", f"{figures['dice_slice_median']:.3f}"),
             ("Dice, mean over patients (95 % interval)",
              f"{figures['dice_patient_mean']:.3f} ({low:.3f} to {high:.3f})"),
             ("IoU, mean over slices", f"{figures['iou_mean']:.3f}"),
             ("Box mAP50 / mAP50-95", f"{figures['box_map50']:.3f} / {figures['box_map50_95']:.3f}"),
             ("Mask mAP50 / mAP50-95", f"{figures['mask_map50']:.3f} / {figures['mask_map50_95']:.3f}"),
             ("Sensitivity (Dice > 0.5)", f"{figures['sensitivity']:.3f}")]
    rows += [(f"Sensitivity, {kind}", f"{value:.3f}") for kind, value in figures["sensitivity_by_type"].items()]
    rows += [(f"Sensitivity, {name} ({figures['slices_by_size'][name]} slices)", f"{value:.3f}")
             for name, value in figures["sensitivity_by_size"].items()]
    rows += [("Expected calibration error of the scores", f"{figures['calibration']['expected_error']:.3f}")]
    rows += [("Tumour slices without any finding", str(figures["missed_slices"])),
             ("Slices called right, with tumour and without", f"{figures['accuracy']:.3f}"),
             ("Stray findings per tumour slice", f"{figures['stray_findings_per_tumour_slice']:.3f}"),
             (f"Findings per healthy slice ({figures['negative_slices']} slices)",
              f"{figures['false_positives_per_negative_slice']:.3f}"),
             ("Tumour slices of the second collection where a finding touches the tumour",
              f"{figures['other_source_found']} of {figures['other_source_slices']}")]
    return "\n".join(["| Figure | Value |", "|---|---|"] + [f"| {name} | {value} |" for name, value in rows])
