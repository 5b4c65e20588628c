package io.lavis4j.download;

import static io.lavis4j.io.Arguments.require;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Addresses as the catalog, users and servers give them: http or https, with a host and without credentials. */
final class Addresses {

    private Addresses() {}

    /**
     * The address that a text stands for.
     *
     * @throws IllegalArgumentException if it is not one, or not one of this kind
     */
    static URI parse(String text) {
        try {
            return checked(new URI(text));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "expected an address as https://HOST/PATH, got \"%s\" (%s)".formatted(text, e.getReason()), e);
        }
    }

    /** The address, checked likewise. */
    static URI checked(URI address) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        require(
                (scheme.equals("https") || scheme.equals("http")) && address.getHost() != null,
                "expected an address as https://HOST/PATH, got \"%s\"",
                address);
        require(
                address.getRawUserInfo() == null,
                "expected an address without a user's name, got one at %s; a proxy or a mirror can have it",
                address.getHost());
        return address;
    }

    /** Whether what may be said to one may be said to the other: scheme, host and port are the same. */
    static boolean sameOrigin(URI one, URI other) {
        return one.getScheme().equalsIgnoreCase(other.getScheme())
                && one.getHost().equalsIgnoreCase(other.getHost())
                && one.getPort() == other.getPort();
    }

    /** Whether a redirect would leave the encrypted connection. */
    static boolean wouldExpose(URI from, URI to) {
        return from.getScheme().equalsIgnoreCase("https") && !to.getScheme().equalsIgnoreCase("https");
    }
}
