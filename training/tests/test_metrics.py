import unittest

import numpy as np

from tumorseg.metrics import average_precision, calibration, dice, mean_average_precision


class MetricsTest(unittest.TestCase):
    # Two images with one object each. By score: right (0.9), wrong (0.8), right (0.7).
    # Precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1. Envelope: 1 for the 51 levels up to 0.50, 2/3 for the other 50.
    images = [(np.array([0.9, 0.8]), np.array([[0.8], [0.1]])), (np.array([0.7]), np.array([[0.6]]))]

    def test_hand_case(self):
        self.assertAlmostEqual(average_precision(self.images, 0.5), (51 + 50 * 2 / 3) / 101, places=12)

    def test_stricter_level_loses_the_weaker_match(self):
        # At 0.7 only the first finding is right: recall stops at 1/2 with precision 1.
        self.assertAlmostEqual(average_precision(self.images, 0.7), 51 / 101, places=12)

    def test_mean_over_levels(self):
        full, half = (51 + 50 * 2 / 3) / 101, 51 / 101
        # 0.50, 0.55, 0.60: both right; 0.65 to 0.80: one right; above: none.
        at50, mean = mean_average_precision(self.images)
        self.assertAlmostEqual(at50, full, places=12)
        self.assertAlmostEqual(mean, (3 * full + 4 * half) / 10, places=12)

    def test_second_finding_on_the_same_object_is_wrong(self):
        images = [(np.array([0.9, 0.8]), np.array([[0.8], [0.9]]))]
        self.assertAlmostEqual(average_precision(images, 0.5), 1.0)
        images = [(np.array([0.9, 0.8]), np.array([[0.8], [0.9]])), (np.array([0.5]), np.array([[0.9]]))]
        self.assertAlmostEqual(average_precision(images, 0.5), (51 + 50 * 2 / 3) / 101, places=12)

    def test_findings_in_a_healthy_image_count_as_wrong(self):
        images = [(np.array([0.9]), np.zeros((1, 0))), (np.array([0.8]), np.array([[0.9]]))]
        self.assertAlmostEqual(average_precision(images, 0.5), 0.5)

    def test_calibration_hand_case(self):
        # Two findings in 0.6..0.7 of which one is right, one sure and right: gaps 0.15 and 0.
        result = calibration([0.6, 0.7 - 1e-9, 1.0], [True, False, True])
        self.assertEqual([row["findings"] for row in result["bins"]], [2, 1])
        self.assertAlmostEqual(result["expected_error"], (2 * 0.15 + 0) / 3, places=6)
        self.assertIsNone(calibration([], [])["expected_error"])

    def test_dice(self):
        a, b = np.array([1, 1, 0, 0], dtype=bool), np.array([0, 1, 1, 1], dtype=bool)
        self.assertAlmostEqual(dice(a, b), 0.4)
        self.assertEqual(dice(a & ~a, b & ~b), 1.0)


if __name__ == "__main__":
    unittest.main()
