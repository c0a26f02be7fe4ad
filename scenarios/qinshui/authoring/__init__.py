"""How the embedded county is drawn and its tables are made; run by ``scenarios.qinshui.author``."""
