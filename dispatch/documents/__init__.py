"""Writers and the catalogue of messages in Chinese and English."""
