package io.lavis4j.generate;

import static org.bytedeco.pytorch.global.torch.argmax;
import static org.bytedeco.pytorch.global.torch.multinomial;
import static org.bytedeco.pytorch.global.torch.softmax;

import io.lavis4j.tensor.Tensors;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/** Greedy search and sampling: every row goes its own way, and is padded once it has ended. */
final class SingleBeamSearch implements Search {

    private final GenerationConfig config;
    private final EndTokens end;
    private final LogitsProcessors processors;
    private final Rows rows;
    private final long[] tokens;
    private final long[] origins;
    private final boolean[] ended;
    private int running;

    SingleBeamSearch(long[][] initialIds, GenerationConfig config, EndTokens end) {
        this.config = config;
        this.end = end;
        processors = new LogitsProcessors(config, end);
        rows = new Rows(initialIds, config.numReturnSequences());
        running = rows.count();
        tokens = new long[running];
        origins = LongStream.range(0, running).toArray();
        ended = new boolean[running];
    }

    @Override
    public int rowsPerSample() {
        return config.numReturnSequences();
    }

    @Override
    public void choose(Tensor logits) {
        var scores = processors.process(logits, rows.ids());
        // One draw for the whole batch, ended rows included: the generator moves as the reference's does.
        var chosen = config.doSample()
                ? multinomial(softmax(processors.warp(scores), 1), 1) // (R, 1)
                : argmax(scores, new LongOptional(1), false); // (R)
        long[] next = Tensors.longs(chosen);
        for (int row = 0; row < next.length; row++) {
            tokens[row] = ended[row] ? end.pad() : next[row];
            if (!ended[row] && next[row] == end.eos()) {
                ended[row] = true;
                running--;
            }
        }
        rows.append(origins, tokens);
    }

    @Override
    public long[] tokens() {
        return tokens.clone();
    }

    @Override
    public long[] origins() {
        return origins.clone();
    }

    @Override
    public boolean finished() {
        return running == 0 || rows.length() >= config.maxLength();
    }

    @Override
    public long[][] sequences() {
        return rows.ids();
    }
}
