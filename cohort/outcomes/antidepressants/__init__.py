"""What antidepressants brought: results, resistance of an episode, its stages, its course."""
