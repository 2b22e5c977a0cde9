"""The only writer of what people read: tables, figures, reports."""
