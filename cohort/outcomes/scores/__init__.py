"""Questions that ratings answer: response, remission, how long it lasts, how severe."""
