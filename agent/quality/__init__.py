"""What ruins a classifier silently, found before anything is paid; assessment.py is the way in."""
