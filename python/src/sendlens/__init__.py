"""Letters and reports of England's local area SEND inspections: read, coded, and asked about.

``extract``, ``read_letter`` and ``tag`` are functions of bytes and text. ``Dataset`` answers questions to a data
directory that the ``sendlens`` program filled. ``sendlens.spark`` reads any number of documents on Apache Spark.

Inspection letters are Crown copyright (Ofsted and the Care Quality Commission), Open Government Licence v3.0.
"""

from ._dataset import Dataset
from ._errors import SendlensError
from ._native import __version__
from ._reading import Reader, extract, read_letter, tag

__all__ = ["Dataset", "Reader", "SendlensError", "__version__", "extract", "read_letter", "tag"]
