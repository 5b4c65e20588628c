package io.lavis4j.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentProxiesTest {

    private static String proxy(ProxySelector proxies, String address) {
        var proxy = proxies.select(URI.create(address)).get(0);
        return proxy.address() instanceof InetSocketAddress place
                ? place.getHostString() + ":" + place.getPort()
                : "none";
    }

    @ParameterizedTest
    @CsvSource({
        "https://huggingface.co/a, secure:3128",
        "http://images.cocodataset.org/zips/a, plain:80",
        "https://files.example.org/a, none",
        "https://example.org/a, none",
        "https://anexample.org/a, secure:3128",
        "http://localhost:8080/a, none"
    })
    void variablesNameProxiesAndHostsWithout(String address, String expected) {
        var environment =
                Map.of("https_proxy", "http://secure:3128", "HTTP_PROXY", "plain", "no_proxy", "other, .example.org");
        assertThat(proxy(new EnvironmentProxies(ProxySelector.of(null), environment::get), address))
                .isEqualTo(expected);
    }

    @Test
    void propertiesComeFirst() {
        var properties = ProxySelector.of(InetSocketAddress.createUnresolved("property", 1));
        assertThat(properties.select(URI.create("https://a/")).get(0).type()).isEqualTo(Proxy.Type.HTTP);
        assertThat(proxy(new EnvironmentProxies(properties, Map.of("https_proxy", "variable:2")::get), "https://a/"))
                .isEqualTo("property:1");
    }
}
