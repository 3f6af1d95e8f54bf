(** Graphs whose values are channels (T9G): nodes are numbers, each reads earlier ones, and the value of a node has
    channels, vectors of any length. A layer gives channel j the sum, over the channels i that it reads, of what it
    makes of channel i by weights of its own, as in `channel_chains.v`; a sum adds channel by channel; a scale
    multiplies each channel by a number of its own and may add one. What is taken has as each channel any map, without
    weights, of one channel of some node, or zeros: ReLU and pooling, channels that are chosen, concatenations. The
    readout is a layer of one place behind the value `top`.

    Definitions: [node_kind], what a node is; [graph_weight], one weight, [graph_param], all of them; [hidden], a weight
    that is not of the readout; [value], channel j of a node, of which `S v` steps are enough for node v as each reads
    earlier ones; [graph_net], the outputs; [graph_rows], the weights that enter live channels; [graph_closed], live
    channels are made of live channels only, and so is the output.
    Statements: none. *)

From Coq Require Import Reals Lra List Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums relu paths.
From Skipscape.networks Require Import networks plain_chains.
From Skipscape.lemmas Require Import relay.
Import ListNotations.
Open Scope R_scope.

Inductive node_kind :=
| Given
| Layer (s : nat)
| Sum (l : list nat)
| Scaled (s : nat)
| Taken (pick : nat -> option (nat * nat)).

Inductive graph_weight :=
| Slice (v j i k : nat)
| Added (v j : nat)
| Factor (v j : nat)
| Offset (v j : nat)
| ReadBy (j k c : nat)
| OutAdded (c : nat).
Definition graph_param := graph_weight -> R.
Definition hidden (x : graph_weight) : bool := match x with ReadBy _ _ _ | OutAdded _ => false | _ => true end.

Section ChannelGraphs.
Variables (kind : nat -> node_kind) (size taps : nat -> nat) (biased : nat -> bool).
Variables (top out_taps : nat) (out_biased : bool).

Definition graph_rows (lit : live) (x : graph_weight) : bool :=
  match x with
  | Slice v j i k => match kind v with
      | Layer s => andb (andb (Nat.ltb j (size v)) (Nat.ltb i (size s))) (andb (Nat.ltb k (taps v)) (lit v j))
      | _ => false
      end
  | Added v j => match kind v with Layer _ => andb (Nat.ltb j (size v)) (andb (biased v) (lit v j)) | _ => false end
  | Factor v j => match kind v with Scaled _ => andb (Nat.ltb j (size v)) (lit v j) | _ => false end
  | Offset v j => match kind v with Scaled _ => andb (Nat.ltb j (size v)) (andb (biased v) (lit v j)) | _ => false end
  | _ => false
  end.

Variable X : data.
Variables (image : vector -> nat -> vector) (tap : nat -> vector -> nat -> nat -> R) (after : nat -> vector -> vector).
Variable out_tap : vector -> nat -> R.

Fixpoint value (P : graph_param) (steps v : nat) (x : vector) (j : nat) : vector :=
  match steps with
  | O => fun _ => 0
  | S n => match kind v with
      | Given => image x j
      | Layer s => fun p =>
          \sum_(i < size s) (\sum_(k < taps v) (P (Slice v j i k) * tap v (value P n s x i) p k)) +
          (if biased v then P (Added v j) else 0)
      | Sum l => fun p => lsum l (fun s => value P n s x j p)
      | Scaled s => fun p => P (Factor v j) * value P n s x j p + (if biased v then P (Offset v j) else 0)
      | Taken pick => match pick j with Some (s, i) => after v (value P n s x i) | None => fun _ => 0 end
      end
  end.

Definition graph_net (P : graph_param) (n c : nat) : R :=
  \sum_(j < size top) (\sum_(k < out_taps) (P (ReadBy j k c) * out_tap (value P (S top) top (input X n) j) k)) +
  (if out_biased then P (OutAdded c) else 0).

(** what a live channel is made of is live *)
Definition graph_closed (lit : live) (T : graph_param) : Prop :=
  (forall v s j i k, kind v = Layer s -> (j < size v)%nat -> (i < size s)%nat -> (k < taps v)%nat ->
    lit v j = true -> lit s i = false -> T (Slice v j i k) = 0) /\
  (forall v j, (j < size v)%nat -> lit v j = true -> match kind v with
    | Sum l => forall s, In s l -> (j < size s)%nat /\ lit s j = true
    | Scaled s => (j < size s)%nat /\ lit s j = true
    | Taken pick => forall s i, pick j = Some (s, i) -> (i < size s)%nat /\ lit s i = true
    | _ => True
    end) /\
  (forall j k c, (j < size top)%nat -> (k < out_taps)%nat -> lit top j = false -> T (ReadBy j k c) = 0).

(** the output looks at the live channels alone *)
Lemma graphs_decide lit T : graph_closed lit T -> decides hidden graph_net (graph_rows lit, T).
Proof.
  intros (Hlayer & Hkept & Hout) P HP.
  assert (Hrow : forall x, graph_rows lit x = true -> P x = T x) by (intros x Hx; apply (HP x); now right).
  assert (H : forall n v x j, (j < size v)%nat -> lit v j = true -> value P n v x j = value T n v x j).
  { induction n as [|n IH]; intros v x j Hj Hl; [easy|]. pose proof (Hkept v j Hj Hl) as Hk. cbn [value].
    destruct (kind v) as [|s|l|s|pick] eqn:Ek.
    - easy.
    - apply functional_extensionality; intros p. f_equal.
      + apply lsum_ext; intros i Hi. apply in_rng in Hi. apply lsum_ext; intros k Hkk. apply in_rng in Hkk.
        assert (E : P (Slice v j i k) = T (Slice v j i k)).
        { apply Hrow. cbn [graph_rows]. rewrite Ek. apply Nat.ltb_lt in Hj, Hi, Hkk. now rewrite Hj, Hi, Hkk, Hl. }
        rewrite E. destruct (lit s i) eqn:El.
        * now rewrite IH.
        * rewrite (Hlayer v s j i k) by easy. ring.
      + destruct (biased v) eqn:Eb; [|easy]. apply Hrow. cbn [graph_rows]. rewrite Ek. apply Nat.ltb_lt in Hj.
        now rewrite Hj, Eb, Hl.
    - apply functional_extensionality; intros p. apply lsum_ext; intros s Hs. destruct (Hk s Hs). now rewrite IH.
    - destruct Hk as [Hs Hls]. apply functional_extensionality; intros p. rewrite IH by easy. f_equal.
      + f_equal. apply Hrow. cbn [graph_rows]. rewrite Ek. apply Nat.ltb_lt in Hj. now rewrite Hj, Hl.
      + destruct (biased v) eqn:Eb; [|easy]. apply Hrow. cbn [graph_rows]. rewrite Ek. apply Nat.ltb_lt in Hj.
        now rewrite Hj, Eb, Hl.
    - destruct (pick j) as [[s i]|]; [|easy]. destruct (Hk s i eq_refl). now rewrite IH. }
  apply matrix_ext; intros n c. unfold graph_net, snd. f_equal.
  - apply lsum_ext; intros j Hj. apply in_rng in Hj. apply lsum_ext; intros k Hk. apply in_rng in Hk.
    rewrite (HP (ReadBy j k c)) by now left. unfold snd. destruct (lit top j) eqn:E.
    + now rewrite H.
    + rewrite (Hout j k c Hj Hk E). ring.
  - destruct out_biased; [|easy]. now rewrite (HP (OutAdded c)) by now left.
Qed.

Lemma value_of_hidden P Q : (forall x, hidden x = true -> P x = Q x) -> forall n v x j, value P n v x j = value Q n v x j.
Proof.
  intros HPQ. induction n as [|n IH]; intros v x j; [easy|]. cbn [value]. destruct (kind v) as [|s|l|s|pick].
  - easy.
  - apply functional_extensionality; intros p. f_equal.
    + apply lsum_ext; intros i _. apply lsum_ext; intros k _. now rewrite IH, (HPQ (Slice v j i k) eq_refl).
    + now rewrite (HPQ (Added v j) eq_refl).
  - apply functional_extensionality; intros p. apply lsum_ext; intros s _. now rewrite IH.
  - apply functional_extensionality; intros p. now rewrite IH, (HPQ (Factor v j) eq_refl), (HPQ (Offset v j) eq_refl).
  - destruct (pick j) as [[s i]|]; [now rewrite IH | easy].
Qed.

(** on a readout line every output is affine *)
Lemma graphs_affine : reads_affinely hidden graph_net.
Proof.
  intros P Q t HPQ.
  assert (E : forall x, hidden x = true -> lin t P Q x = P x) by (intros x Hx; unfold lin; rewrite <- HPQ by easy; ring).
  apply matrix_ext; intros n c. unfold graph_net.
  rewrite (lsum_ext (seq 0 (size top)) _ (fun j => (1 - t) *
      (\sum_(k < out_taps) (P (ReadBy j k c) * out_tap (value P (S top) top (input X n) j) k)) + t *
      (\sum_(k < out_taps) (Q (ReadBy j k c) * out_tap (value Q (S top) top (input X n) j) k)))).
  - rewrite lsum_lin. destruct out_biased; unfold lin; ring.
  - intros j _. rewrite <- lsum_lin. apply lsum_ext; intros k _.
    rewrite (value_of_hidden _ _ E), <- (value_of_hidden _ _ HPQ). unfold lin. ring.
Qed.
End ChannelGraphs.
