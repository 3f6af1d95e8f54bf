(** Networks one after the other, each carried over to the next (blueprint-2, section 3b: what the proofs of T9, T9C
    and T9S share). A stage is a network together with those of its hidden weights that matter: the others may be
    anything. If two stages next to one another have the same values where both matter, the next one is loaded beside
    the one before by a silent segment, and a readout line leads to it.

    Definitions: [silent_or_read], the two kinds of segments; [reads_affinely], on a readout line every output is
    affine; [stage], weights that matter and all weights; [shows], has the readout of a stage and the weights that
    matter; [decides], these determine the outputs; [agree], the same values where both matter; [stages], one after
    the other, neighbours agree; [loaded], the weights that matter to a stage put in; [read_as], the hidden weights of
    one with the readout of another; [whole], a network all of whose weights matter.
    Statements: none. *)

From Coq Require Import Reals Lra List Arith FunctionalExtensionality.
From Skipscape.base Require Import sums paths chains.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import losses.
Import ListNotations.
Open Scope R_scope.

Section Relay.
Context {W : Type}.
Variables (inside : W -> bool) (net : (W -> R) -> matrix).
Implicit Types P Q T : W -> R.

Definition silent_or_read P Q : Prop :=
  (forall t, 0 <= t <= 1 -> net (lin t P Q) = net P) \/ (forall x, inside x = true -> P x = Q x).
Definition reads_affinely : Prop := forall P Q t, (forall x, inside x = true -> P x = Q x) ->
  net (lin t P Q) = fun k c => (1 - t) * net P k c + t * net Q k c.

Definition stage : Type := (W -> bool) * (W -> R).
Definition shows (s : stage) P : Prop := forall x, inside x = false \/ fst s x = true -> P x = snd s x.
Definition decides (s : stage) : Prop := forall P, shows s P -> net P = net (snd s).
Definition agree (s s' : stage) : Prop :=
  forall x, inside x = true -> fst s x = true -> fst s' x = true -> snd s x = snd s' x.
Definition loaded (s : stage) P : W -> R := fun x => if inside x then if fst s x then snd s x else P x else P x.
Definition read_as (s : stage) P : W -> R := fun x => if inside x then P x else snd s x.

Lemma shows_line s P Q t : shows s P -> shows s Q -> shows s (lin t P Q).
Proof. intros HP HQ x Hx. unfold lin. rewrite (HP x Hx), (HQ x Hx). ring. Qed.

(** stages one after the other *)
Inductive stages : stage -> list stage -> stage -> Prop :=
| stages_end s : stages s nil s
| stages_next s s' L s'' : agree s s' -> stages s' L s'' -> stages s (s' :: L) s''.

Lemma agree_sym s s' : agree s s' -> agree s' s.
Proof. intros H x Hx H1 H2. symmetry. now apply H. Qed.

Lemma stages_app s L s' L' s'' : stages s L s' -> stages s' L' s'' -> stages s (L ++ L') s''.
Proof. induction 1 as [s | s s1 L s' H _ IH]; intros H'; [easy|]. simpl. apply stages_next; auto. Qed.

Lemma stages_rev s L s' : stages s L s' -> exists L', stages s' L' s /\ forall x, In x (s' :: L') <-> In x (s :: L).
Proof.
  induction 1 as [s | s s1 L s' H _ (L' & HL' & Hin)].
  - exists nil. split; [apply stages_end | easy].
  - exists (L' ++ [s]). split.
    + apply (stages_app _ _ _ _ _ HL'). apply stages_next; [now apply agree_sym | apply stages_end].
    + intros x. change (In x ((s' :: L') ++ [s]) <-> In x (s :: s1 :: L)). rewrite in_app_iff, Hin. simpl. tauto.
Qed.

Lemma relay_step s s' P : agree s s' -> decides s -> decides s' -> shows s P ->
  let P1 := loaded s' P in let P2 := read_as s' P1 in
  chain silent_or_read P [P1; P2] P2 /\ shows s' P2 /\ net P1 = net P.
Proof.
  intros Ha Hd Hd' HP P1 P2.
  assert (H1 : shows s P1).
  { intros x Hx. unfold P1, loaded. destruct (inside x) eqn:E; [|apply HP; now rewrite E].
    destruct (fst s' x) eqn:E'; [|apply HP; now rewrite E]. destruct Hx as [Hx|Hx]; [congruence|].
    symmetry. now apply Ha. }
  split; [|split].
  - apply chain_segment; [left|apply chain_segment; [right | apply chain_end]].
    + intros t _. rewrite (Hd P HP). apply Hd. now apply shows_line.
    + intros x Hx. unfold P2, read_as. now rewrite Hx.
  - intros x Hx. unfold P2, read_as, P1, loaded. destruct (inside x) eqn:E; [|easy].
    destruct Hx as [Hx|Hx]; [congruence|]. now rewrite Hx.
  - now rewrite (Hd P1 H1), (Hd P HP).
Qed.

Lemma relay s L s' : stages s L s' -> (forall x, In x (s :: L) -> decides x) -> forall P, shows s P ->
  exists corners P', chain silent_or_read P corners P' /\ shows s' P' /\
    (forall Q, In Q corners -> exists x, In x (s :: L) /\ net Q = net (snd x)) /\
    (forall x, In x L -> exists Q, In Q corners /\ net Q = net (snd x)).
Proof.
  induction 1 as [s | s s1 L s' Ha _ IH]; intros Hd P HP.
  - exists nil, P. split; [apply chain_end|]. repeat split; easy.
  - destruct (relay_step s s1 P Ha (Hd s (or_introl eq_refl)) (Hd s1 (or_intror (or_introl eq_refl))) HP)
      as (Hc & Hs & Hn).
    set (P1 := loaded s1 P) in *. set (P2 := read_as s1 P1) in *.
    destruct (IH (fun x Hx => Hd x (or_intror Hx)) P2 Hs) as (C & P' & HC & Hs' & Hin & Hall).
    exists ([P1; P2] ++ C), P'. split; [now apply (chain_app _ _ _ P2)|]. split; [exact Hs'|]. split.
    + intros Q [<-|[<-|HQ]].
      * exists s. split; [now left|]. rewrite Hn. apply Hd; [now left | exact HP].
      * exists s1. split; [right; now left|]. apply Hd; [right; now left | exact Hs].
      * destruct (Hin Q HQ) as (x & Hx & E). exists x. split; [now right | exact E].
    + intros x [<-|Hx].
      * exists P2. split; [right; now left|]. apply Hd; [right; now left | exact Hs].
      * destruct (Hall x Hx) as (Q & HQ & E). exists Q. split; [right; now right | exact E].
Qed.

Definition whole P : stage := (fun _ => true, P).

Lemma whole_decides P : decides (whole P).
Proof. intros Q HQ. f_equal. apply functional_extensionality. intros x. apply HQ. now right. Qed.

(** every point of the path is at most as high as some corner, every corner is a network's, every network a corner's *)
Theorem relayed Phi P P' (L : list stage) : max_at_ends Phi -> reads_affinely -> stages (whole P) L (whole P') ->
  (forall x, In x L -> decides x) ->
  let loss Q := Phi (net Q) in
  exists corners gam, chain silent_or_read P corners P' /\ path gam /\ gam 0 = P /\ gam 1 = P' /\
    (forall Q, In Q (P :: corners) -> (exists x, In x (whole P :: L) /\ loss Q = loss (snd x)) /\
      exists t, 0 <= t <= 1 /\ gam t = Q) /\
    (forall t, 0 <= t <= 1 -> exists Q, In Q (P :: corners) /\ loss (gam t) <= loss Q) /\
    (forall x, In x L -> exists Q, In Q corners /\ loss Q = loss (snd x)).
Proof.
  intros HPhi Haff HL Hd loss.
  destruct (relay _ _ _ HL) with (P := P) as (corners & Q' & HC & Hs & Hin & Hcov).
  { intros x [<-|Hx]; [apply whole_decides | auto]. }
  { intros x _. easy. }
  assert (E : Q' = P') by (apply functional_extensionality; intros x; apply Hs; now right). subst Q'.
  destruct (chain_path _ P corners P' HC) as (gam & Hg & g0 & g1 & Hcorners & Hpoints).
  exists corners, gam. split; [exact HC|]. split; [exact Hg|]. split; [exact g0|]. split; [exact g1|].
  split; [|split].
  - intros Q HQ. split; [|now apply Hcorners]. destruct HQ as [<-|HQ]; [exists (whole P); split; [now left | easy]|].
    destruct (Hin Q HQ) as (x & Hx & Ex). exists x. split; [easy|]. unfold loss. now rewrite Ex.
  - intros t Ht. destruct (Hpoints t Ht) as (Q & Q1 & r & HQ & HQ1 & Hk & Hr & ->).
    assert (H : loss (lin r Q Q1) <= Rmax (loss Q) (loss Q1)).
    { unfold loss. destruct Hk as [[Hk|Hk]| <-].
      - rewrite Hk by easy. apply Rmax_l.
      - rewrite (Haff Q Q1 r Hk). now apply HPhi.
      - rewrite lin_same. apply Rmax_l. }
    destruct (Rle_dec (loss Q) (loss Q1)) as [Hle|Hgt].
    + exists Q1. split; [easy|]. now rewrite Rmax_right in H.
    + exists Q. split; [easy|]. rewrite Rmax_left in H by lra. easy.
  - intros x Hx. destruct (Hcov x Hx) as (Q & HQ & E). exists Q. split; [easy|]. unfold loss. now rewrite E.
Qed.
End Relay.
