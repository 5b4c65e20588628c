package io.lavis4j.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LongTableTest {

    @Test
    void itKeepsWhatAMapKeeps() {
        var random = new SplittableRandom(7);
        var table = new LongTable();
        var map = new HashMap<Long, Long>();
        for (long i = 0; i < 20_000; i++) {
            long digest = random.nextInt(3) == 0 ? random.nextInt(50) : random.nextLong();
            var before = map.putIfAbsent(digest, i);
            assertThat(table.putIfAbsent(digest, i)).isEqualTo(before == null ? LongTable.ABSENT : before);
        }
        map.forEach((digest, value) -> assertThat(table.get(digest)).isEqualTo(value));
        assertThat(table.has(random.nextLong())).isFalse();
    }

    @Test
    void itIsBounded() {
        var table = new LongTable(3);
        for (long i = 0; i < 5; i++) {
            assertThat(table.putIfAbsent(i, 10 * i)).isEqualTo(LongTable.ABSENT);
        }
        assertThat(table.isFull()).isTrue();
        assertThat(table.get(2)).isEqualTo(20);
        assertThat(table.has(3)).isFalse();
        assertThat(table.putIfAbsent(1, 0)).as("what is kept stays").isEqualTo(10);
    }
}
