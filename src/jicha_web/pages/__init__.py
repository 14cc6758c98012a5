"""What all pages share: layout, navigation, tags, security headers, assets."""
