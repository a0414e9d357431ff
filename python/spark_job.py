"""The job for ``spark-submit``; see ``sendlens.spark``."""

import sys

from sendlens.spark import main

sys.exit(main())
