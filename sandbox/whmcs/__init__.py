"""A stand-in for the WHMCS action API, its single sign-on, its client area and its hook file."""
