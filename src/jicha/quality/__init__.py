"""The quality of the stored data: figures per data-set version, and what is held against them."""
