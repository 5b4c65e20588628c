package io.lavis4j.download;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Proxies as other programs find them: in {@code https_proxy}, {@code http_proxy} and {@code no_proxy}, or these names
 * in capital letters. Java's own properties ({@code https.proxyHost}) come first.
 */
public final class EnvironmentProxies extends ProxySelector {

    private final ProxySelector properties;
    private final Map<String, String> proxies;
    private final List<String> without;

    /**
     * @param properties proxies of Java's properties, {@link ProxySelector#getDefault()}
     * @param environment a variable's value; {@code null} if it is not set
     */
    public EnvironmentProxies(ProxySelector properties, UnaryOperator<@Nullable String> environment) {
        this.properties = properties;
        this.proxies =
                Map.of("https", variable(environment, "https_proxy"), "http", variable(environment, "http_proxy"));
        this.without = Stream.of(variable(environment, "no_proxy").split(",", -1))
                .map(host -> host.strip().toLowerCase(Locale.ROOT).replaceFirst("^\\*?\\.", ""))
                .filter(host -> !host.isEmpty())
                .toList();
    }

    private static String variable(UnaryOperator<@Nullable String> environment, String name) {
        String lower = environment.apply(name);
        return Objects.requireNonNullElse(lower == null ? environment.apply(name.toUpperCase(Locale.ROOT)) : lower, "");
    }

    @Override
    public List<Proxy> select(URI address) {
        var others = properties.select(address);
        String proxy = proxies.getOrDefault(address.getScheme().toLowerCase(Locale.ROOT), "");
        if (others.stream().anyMatch(other -> other.type() != Proxy.Type.DIRECT)
                || proxy.isBlank()
                || isWithout(address.getHost().toLowerCase(Locale.ROOT))) {
            return others;
        }
        var place = Addresses.parse(proxy.contains("://") ? proxy : "http://" + proxy);
        int port = place.getPort() < 0 ? 80 : place.getPort();
        return List.of(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(place.getHost(), port)));
    }

    private boolean isWithout(String host) {
        return host.equals("localhost")
                || host.equals("127.0.0.1")
                || without.stream().anyMatch(end -> end.equals("*") || host.equals(end) || host.endsWith("." + end));
    }

    @Override
    public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
        properties.connectFailed(address, proxy, failure);
    }
}
