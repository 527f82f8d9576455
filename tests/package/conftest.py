"""Lets these tests say ``from golden import entry`` under every pytest import mode."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
