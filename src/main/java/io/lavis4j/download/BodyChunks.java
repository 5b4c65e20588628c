package io.lavis4j.download;

import java.io.Closeable;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The body of a response as it arrives: one piece is asked for at a time, and waited for only so long. */
final class BodyChunks implements HttpResponse.BodySubscriber<BodyChunks>, Closeable {

    /** What arrives. */
    private sealed interface Event {
        record Piece(List<ByteBuffer> bytes) implements Event {}

        record Failure(Throwable cause) implements Event {}

        record End() implements Event {}
    }

    private final BlockingQueue<Event> arrived = new LinkedBlockingQueue<>();
    private Flow.@Nullable Subscription subscription;

    /** The body is this, from its beginning. */
    @Override
    public CompletionStage<BodyChunks> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public synchronized void onSubscribe(Flow.Subscription subscription) {
        this.subscription = subscription;
        subscription.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
        arrived.add(new Event.Piece(bytes));
    }

    @Override
    public void onError(Throwable cause) {
        arrived.add(new Event.Failure(cause));
    }

    @Override
    public void onComplete() {
        arrived.add(new Event.End());
    }

    /**
     * The next bytes; {@code null} after the last.
     *
     * @throws HttpTimeoutException if none came for so long
     * @throws IOException if the connection broke
     */
    @Nullable
    List<ByteBuffer> next(Duration stall) throws IOException, InterruptedException {
        var event = arrived.poll(stall.toMillis(), TimeUnit.MILLISECONDS);
        if (event == null) {
            throw new HttpTimeoutException("no byte came for " + Units.time(stall));
        }
        if (event instanceof Event.Failure failure) {
            throw new IOException(Objects.requireNonNullElse(failure.cause().getMessage(), "the connection broke"));
        }
        if (event instanceof Event.Piece piece) {
            subscription().request(1);
            return piece.bytes();
        }
        return null;
    }

    private synchronized Flow.Subscription subscription() {
        return Objects.requireNonNull(subscription);
    }

    /** Gives up what has not come yet. */
    @Override
    public synchronized void close() {
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
