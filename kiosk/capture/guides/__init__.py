"""What is drawn over the preview to bring the patient into the view's pose."""
