package io.lavis4j.download;

import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** Fetches one file; arguments are its address and its place. */
final class FetchProgram implements TransferListener {

    private FetchProgram() {}

    public static void main(String[] arguments) throws Exception {
        var patience = Patience.usual(Duration.ofSeconds(30), 4);
        new Fetcher(new Http(patience, ProxySelector.of(null)), patience)
                .fetch(new Download(URI.create(arguments[0]), Path.of(arguments[1]), null, null), new FetchProgram());
    }

    @Override
    public void at(Path target, long position, long size) {
        System.out.println("at " + position);
    }

    @Override
    public void note(String event) {
        System.out.println(event);
    }
}
