"""The corpus of hearth-guide: every conversation the model learns from is made by this package."""
from . import (facts_about, facts_chat, facts_gpu, facts_install, facts_memory, facts_models, facts_quant,  # noqa: F401
               facts_server, facts_trouble, smalltalk)
from . import (ways_about, ways_around, ways_chat, ways_gpu, ways_install, ways_memory, ways_models, ways_quant,  # noqa: F401,I001
               ways_server, ways_smalltalk, ways_trouble)
from .phrases import settle

settle()
