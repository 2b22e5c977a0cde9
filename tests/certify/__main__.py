"""Print the certificate and write it to docs/certificate.md; fail where a method fails."""

from tests.certify.page import main

if __name__ == "__main__":
    main()
