"""Training of the tumour segmentation network that ships as models/Yolov11_best.onnx."""
