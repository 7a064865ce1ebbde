"""Pages of the admin about the network as a whole: tasks, figures, and the review of members."""
