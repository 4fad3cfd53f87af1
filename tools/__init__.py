"""What package.sh is made of: each module is one step and can be run on its own (python -m tools.<step>)."""
