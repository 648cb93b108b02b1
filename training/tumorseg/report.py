"""Pictures of an evaluation: the reliability curve, Dice by patient, and the slices that came out worst."""

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402  (the backend has to be chosen first)

from .data import read_grey, read_mask, tumour_slices  # noqa: E402
from .measure import forward  # noqa: E402
from .postprocess import detect, mask_logits  # noqa: E402

WORST_SHOWN = 12


def draw_reliability(figures, path):
    """Share of right findings against mean score, with the number of findings of each interval."""
    rows = figures["calibration"]["bins"]
    figure, axes = plt.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
    axes.plot([r["mean_score"] for r in rows], [r["share_right"] for r in rows], marker="o")
    for r in rows:
        axes.annotate(str(r["findings"]), (r["mean_score"], r["share_right"]), textcoords="offset points", xytext=(6, -10))
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="mean score of findings", ylabel="share with box IoU of at least 0.5",
             title=f"Expected calibration error {figures['calibration']['expected_error']:.3f}")
    _save(figure, path)


def draw_patients(figures, path):
    """Mean Dice of every patient, in order."""
    values = sorted(figures["dice_by_patient"].values())
    figure, axes = plt.subplots(figsize=(8, 3.5))
    axes.bar(range(len(values)), values, color="0.55")
    axes.axhline(figures["dice_patient_mean"], color="tab:red", linewidth=1)
    axes.set(ylim=(0, 1), xlabel="validation patients, by Dice", ylabel="mean Dice over slices")
    _save(figure, path)


def draw_worst(model, config, figures, crop, path):
    """The slices with the lowest Dice, one a patient: expert outline green, findings red."""
    settings, patients, shown = config["inference"], set(), []
    for item in sorted(tumour_slices(config["data"], config["data"]["val_folds"]), key=lambda i: figures["dice_by_slice"][i.id]):
        if item.patient not in patients and len(shown) < WORST_SHOWN:
            patients.add(item.patient)
            shown.append(item)
    figure, grid = plt.subplots(3, WORST_SHOWN // 3, figsize=(12, 9.6))
    for axes, item in zip(grid.flat, shown):
        image = read_grey(item.image)
        letterbox, _, output0, output1 = forward(model, image, settings["input_size"])
        found = detect(output0[0], len(model.classes), settings["confidence"], settings["nms_iou"], settings["max_detections"])
        mask = (mask_logits(found, output1[0], letterbox, crop) > 0).any(0).numpy()
        axes.imshow(image, cmap="gray")
        axes.contour(read_mask(item), [0.5], colors="lime", linewidths=1)
        if mask.any():
            axes.contour(mask, [0.5], colors="red", linewidths=1)
        axes.set_title(f"{item.id} {item.kind}, Dice {figures['dice_by_slice'][item.id]:.2f}", fontsize=9)
        axes.axis("off")
    _save(figure, path)


def _save(figure, path):
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    plt.close(figure)
