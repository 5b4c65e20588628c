package io.lavis4j.image;

/**
 * The bytes that files of a format begin with.
 *
 * @param hex two digits a byte, two dots for any
 */
record Signature(String hex) {

    boolean begins(byte[] content) {
        if (content.length < hex.length() / 2) {
            return false;
        }
        for (int i = 0; i < hex.length() / 2; i++) {
            String digits = hex.substring(2 * i, 2 * i + 2);
            if (!digits.equals("..") && Integer.parseInt(digits, 16) != (content[i] & 0xff)) {
                return false;
            }
        }
        return true;
    }
}
