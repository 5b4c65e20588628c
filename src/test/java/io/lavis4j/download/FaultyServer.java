package io.lavis4j.download;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A server of HTTP/1.1 on this machine that does what a test says, byte by byte; each connection has one request. */
public final class FaultyServer implements AutoCloseable {

    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-");

    private final ServerSocket socket;
    private final Behaviour behaviour;
    private final List<Request> requests = new ArrayList<>();

    /** What the server does with a request. */
    @FunctionalInterface
    public interface Behaviour {
        void serve(Request request, OutputStream out) throws IOException, InterruptedException;
    }

    /**
     * A request.
     *
     * @param number from 0
     * @param headers by their names in lower case
     */
    public record Request(int number, String method, String path, Map<String, String> headers) {

        /** The first byte that is asked for. */
        public int from() {
            var range = RANGE.matcher(headers.getOrDefault("range", ""));
            return range.matches() ? Integer.parseInt(range.group(1)) : 0;
        }

        public @Nullable String header(String name) {
            return headers.get(name);
        }
    }

    public FaultyServer(Behaviour behaviour) throws IOException {
        this.behaviour = behaviour;
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    private static void start(Runnable task) {
        var thread = new Thread(task, "server");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                var connection = socket.accept();
                start(() -> serve(connection));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            var lines =
                    new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
            String first = lines.readLine();
            if (first == null) {
                return;
            }
            var headers = new TreeMap<String, String>();
            for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
                int colon = line.indexOf(':');
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            var words = first.split(" ", -1);
            Request request;
            synchronized (requests) {
                request = new Request(requests.size(), words[0], words[1], headers);
                requests.add(request);
            }
            behaviour.serve(request, connection.getOutputStream());
            connection.getOutputStream().flush();
        } catch (IOException | InterruptedException e) {
            // whoever asked has gone
        }
    }

    /** What was asked. */
    public List<Request> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    public URI address(String path) {
        return URI.create("http://127.0.0.1:%d%s".formatted(socket.getLocalPort(), path));
    }

    /** Status and headers, each {@code Name: value}. */
    public static void head(OutputStream out, int status, String... headers) throws IOException {
        var head = new StringBuilder("HTTP/1.1 %d Status\r\nConnection: close\r\n".formatted(status));
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A whole answer. */
    public static void answer(OutputStream out, int status, byte[] body, String... headers) throws IOException {
        var all = new ArrayList<>(Arrays.asList(headers));
        all.add("Content-Length: " + body.length);
        head(out, status, all.toArray(String[]::new));
        out.write(body);
    }

    /**
     * Serves ranges of a file, of each answer only so many bytes, as if the connection dropped then.
     *
     * @param headers of every answer, as its ETag
     */
    public static void file(Request request, OutputStream out, byte[] content, int most, String... headers)
            throws IOException {
        int from = request.from();
        if (from > 0 && from >= content.length) {
            answer(out, 416, new byte[0], "Content-Range: bytes */" + content.length);
            return;
        }
        var all = new ArrayList<>(Arrays.asList(headers));
        all.add("Content-Length: " + (content.length - from));
        if (from > 0) {
            all.add("Content-Range: bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
        }
        head(out, from > 0 ? 206 : 200, all.toArray(String[]::new));
        if (!request.method().equals("HEAD")) {
            out.write(content, from, Math.min(most, content.length - from));
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
