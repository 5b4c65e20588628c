package io.lavis4j.zoo;

import io.lavis4j.model.BaseModel;

/**
 * A model with its weights; closing it closes the model.
 *
 * @param <M> the model
 * @param model in train mode
 * @param report where the weights came from
 */
public record LoadedModel<M extends BaseModel>(M model, LoadingReport report) implements AutoCloseable {

    @Override
    public void close() {
        model.close();
    }
}
