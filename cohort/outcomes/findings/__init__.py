"""What findings point to: candidacy for other therapies, referral, scores of antibodies, bands of markers."""
