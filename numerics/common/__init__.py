"""What every room uses: objects that show themselves in short, strict JSON, interrupts."""
