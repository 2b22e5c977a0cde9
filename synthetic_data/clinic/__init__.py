"""An epilepsy clinic: successive treatments with a diary."""
