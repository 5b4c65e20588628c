package io.lavis4j.download;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Requests that follow redirects: never from https to http, never in a circle, and with a token for the first host
 * alone.
 */
public final class Http {

    private static final int MOST_REDIRECTS = 10;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final HttpClient client;
    private final Patience patience;

    /** @param proxies of the system, or of the environment ({@link EnvironmentProxies}) */
    public Http(Patience patience, ProxySelector proxies) {
        this.patience = patience;
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1) // a connection for each file, which may stall alone
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(patience.connect())
                .proxy(proxies)
                .executor(Executors.newCachedThreadPool(task -> {
                    var thread = new Thread(task, "http");
                    thread.setDaemon(true);
                    return thread;
                }))
                .build();
    }

    /** A request with what goes into its headers. */
    Answer get(URI address, @Nullable String token, Map<String, String> headers)
            throws IOException, InterruptedException {
        return followed("GET", address, token, headers, false);
    }

    /** The headers of a file, without its bytes. */
    Answer head(URI address, @Nullable String token) throws IOException, InterruptedException {
        return followed("HEAD", address, token, Map.of(), false);
    }

    /** Likewise, of the host itself: a redirect to another is the answer. */
    Answer headOfHost(URI address, @Nullable String token) throws IOException, InterruptedException {
        return followed("HEAD", address, token, Map.of(), true);
    }

    private Answer followed(
            String method, URI address, @Nullable String token, Map<String, String> headers, boolean sameHost)
            throws IOException, InterruptedException {
        var passed = new LinkedHashSet<URI>();
        var at = Addresses.checked(address);
        while (passed.add(at)) {
            if (passed.size() > MOST_REDIRECTS) {
                throw new RefusedException(
                        "%s redirects more than %d times, last to %s".formatted(address, MOST_REDIRECTS, at));
            }
            var response = send(method, at, Addresses.sameOrigin(address, at) ? token : null, headers);
            var answer = new Answer(at, response.statusCode(), response.headers(), response.body());
            String location = REDIRECTS.contains(answer.status()) ? answer.header("Location") : null;
            if (location == null) {
                return answer;
            }
            var next = target(at, location);
            if (sameHost && !Addresses.sameOrigin(at, next)) {
                return answer;
            }
            answer.close();
            at = next;
        }
        throw new RefusedException("%s redirects in a circle, by %s".formatted(address, passed));
    }

    static URI target(URI from, String location) throws RefusedException {
        try {
            var to = Addresses.checked(from.resolve(location));
            if (Addresses.wouldExpose(from, to)) {
                throw new RefusedException(
                        "%s redirects to %s, which is not encrypted; that is not followed".formatted(from, to));
            }
            return to;
        } catch (IllegalArgumentException e) {
            throw new RefusedException("%s redirects to no address: %s".formatted(from, e.getMessage()));
        }
    }

    private HttpResponse<BodyChunks> send(
            String method, URI address, @Nullable String token, Map<String, String> headers)
            throws IOException, InterruptedException {
        Duration wait = patience.stall();
        var request = HttpRequest.newBuilder(address)
                .method(method, BodyPublishers.noBody())
                .timeout(wait)
                .header("Accept-Encoding", "identity")
                .header("User-Agent", "lavis4j");
        headers.forEach(request::header);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return client.send(request.build(), response -> new BodyChunks());
    }
}
