"""Makes the tiny fonts in this folder again (pip install fonttools): make_fonts.py. All glyphs are empty boxes."""
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen

HERE = Path(__file__).parent
NAMES = [".notdef", "o", "f_f_i", "c", "e", "fi", "n", "d"]


def box(pen):
    pen.moveTo((0, 0))
    for corner in ((0, 500), (500, 500), (500, 0)):
        pen.lineTo(corner)
    pen.closePath()
    return pen


def builder(is_ttf, characters):
    font = FontBuilder(1000, isTTF=is_ttf)
    font.setupGlyphOrder(NAMES)
    font.setupCharacterMap(characters)
    return font


def finish(font):
    font.setupHorizontalMetrics({name: (600, 0) for name in NAMES})
    font.setupHorizontalHeader(ascent=800, descent=-200)


# A compact Type 1 font whose own encoding has the ligatures at codes 2 and 3.
font = builder(False, {})
shapes = {name: box(T2CharStringPen(600, None)).getCharString() for name in NAMES}
font.setupCFF("Tiny", {"FullName": "Tiny"}, shapes, {})
finish(font)
table = font.font["CFF "].cff
encoding = [".notdef"] * 256
for code, name in {2: "f_f_i", 3: "fi", 65: "o", 66: "c", 67: "e", 68: "n", 69: "d"}.items():
    encoding[code] = name
table.topDictIndex[0].Encoding = encoding
(HERE / "tiny.cff").write_bytes(font.font["CFF "].compile(font.font))

# A TrueType font that finds its glyphs by character.
font = builder(True, {ord("o"): "o", 0xFB03: "f_f_i", ord("c"): "c", ord("e"): "e", 0xFB01: "fi", ord("n"): "n", ord("d"): "d"})
font.setupGlyf({name: box(TTGlyphPen(None)).glyph() for name in NAMES})
finish(font)
font.setupPost(keepGlyphNames=False)
font.save(HERE / "tiny.ttf")
