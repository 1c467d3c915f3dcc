"""Skeleton to files, through templates/."""
