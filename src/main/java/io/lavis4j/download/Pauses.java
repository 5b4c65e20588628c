package io.lavis4j.download;

import java.time.Duration;

/** Waits between attempts. */
@FunctionalInterface
interface Pauses {

    /** Returns after so long. */
    void pause(Duration time) throws InterruptedException;

    /** On the machine's clock. */
    static Pauses ofMachine() {
        return time -> Thread.sleep(time.toMillis());
    }
}
