"""Print the calibration table and write it to docs/calibration.md."""

from tests.calibration.page import main

if __name__ == "__main__":
    main()
