from __future__ import annotations

import time
from campaigns.models import StudioSheet, MaterialFile
from campaigns.studio import batches
from campaigns.studio.formats import FORMATS
from tests.factories.campaigns import DesignFactory

def test_all(db, languages):
    design = DesignFactory(languages=("en", "de", "fr", "ar"), formats=tuple(f for f in FORMATS if f != "leaflet-a5"))
    t = time.time()
    print([*batches.redraw(design)][-1], time.time() - t)
    for s in StudioSheet.objects.all():
        print(s.format, s.language, s.state, s.problems, s.code, s.document)
    print(MaterialFile.objects.count(), design.material.files.count())
    t = time.time()
    print([*batches.redraw(design)][-1], time.time() - t)
    assert 0
