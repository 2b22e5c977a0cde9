"""Sequenced treatment of depression, step by step."""
